// Calls from a page: browser.mjs URL sends with node's own fetch what a browser sends from another origin, a preflight
// first, and prints the statuses, the headers that a browser looks for, and the answer.

const url = process.argv[2];
const origin = "http://app.example";
const allowing = (response) =>
  Object.fromEntries([...response.headers].filter(([name]) => name.startsWith("access-control-allow-")));

const preflight = await fetch(url, {
  method: "OPTIONS",
  headers: {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,authorization",
  },
});
await preflight.arrayBuffer();
const response = await fetch(url, {
  method: "POST",
  headers: { origin, "content-type": "application/json" },
  body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "org.rdk.OCIContainer.1.listContainers" }),
});
console.log(
  JSON.stringify([preflight.status, allowing(preflight), response.status, allowing(response), await response.json()]),
);
