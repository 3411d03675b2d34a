// The gateway's API as this page asks it.

/** An answer that is a problem (RFC 9457), or no answer at all. */
export class Refused extends Error {
  constructor(problem) {
    super(problem.detail);
    Object.assign(this, problem);
  }
}

/**
 * The answer of the gateway as JSON. Throws Refused.
 *
 * Where nobody is signed in any more, a question has the page load again, and that leads to the
 * sign-in; what was to be changed stays written in the page.
 */
export async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Refused({ code: "UNREACHABLE", detail: path });
  }
  const body = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (body?.code === "KEY_REQUIRED" && !options.method) return signInAgain();
  if (!answer.ok) throw new Refused(body ?? { code: "INTERNAL", detail: `HTTP ${answer.status}` });
  return body;
}

/** Load the page again, which leads to the sign-in, and never go on. */
export function signInAgain() {
  location.reload();
  return new Promise(() => {});
}

/** Where a proxy serves this gateway, for instance /facegate: this file lies in /facegate/static. */
const base = new URL("..", import.meta.url).pathname.slice(0, -1);

/** The address of something of the gateway on this page's server. */
export const path = (...parts) => base + parts.map((part) => `/${encodeURIComponent(part)}`).join("");
