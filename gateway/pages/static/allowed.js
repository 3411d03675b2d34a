// What whoever looks at the page may ask for, as the server put it into the page.

const { routes, stores } = JSON.parse(document.getElementById("allowed").textContent);

/** Whether they may ask for a route, such as "GET /v1/members"; where it is about a store, of this one. */
export const may = (route, store = null) => routes.includes(route)
  && (store === null || stores === null || stores.includes(store));
