// Shows the gateway's OpenAPI with Swagger UI, light or dark like every other page.

import { path } from "./api.js";

const device = matchMedia("(prefers-color-scheme: dark)");

function paint() {
  const { theme } = document.documentElement.dataset;
  const dark = theme === "dark" || (theme === "auto" && device.matches);
  document.documentElement.classList.toggle("dark-mode", dark);
}

device.addEventListener("change", paint);
paint();
SwaggerUIBundle({ url: path("openapi.json"), domNode: document.getElementById("api"), deepLinking: true });
