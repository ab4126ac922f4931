// A client as apps are: client.mjs URL STEPS sends messages over the package ws, waits, and prints all that it met.
//
// A step is {"send": MESSAGE}, {"post": [URL, BODY]} or {"until": MEMBERS}, which waits until something with these members
// has come. What comes is an answer, an event, {"rubbish": TEXT} for a message that is no JSON, {"error": CODE} or {"close": CODE}.

import WebSocket from "ws";

const [url, steps] = process.argv.slice(2);
const met = [];
let look = () => {};

function take(what) {
  met.push(what);
  look();
}

function has(members) {
  const fits = (one) => Object.entries(members).every(([name, value]) => one[name] === value);
  return met.some(fits);
}

const socket = new WebSocket(url, ["notification"]);
socket.on("error", (error) => take({ error: error.code ?? error.message }));
socket.on("close", (code) => take({ close: code }));
socket.on("message", (data) => {
  try {
    take(JSON.parse(data));
  } catch {
    take({ rubbish: String(data) });
  }
});
socket.on("open", async () => {
  for (const { send, post, until } of JSON.parse(steps)) {
    if (send) {
      socket.send(JSON.stringify(send));
    } else if (post) {
      const [where, body] = post;
      const headers = { "Content-Type": "application/json" };
      await fetch(where, { method: "POST", headers, body: JSON.stringify(body) });
    } else {
      await new Promise((resolve) => {
        look = () => has(until) && resolve();
        look();
      });
    }
  }
  console.log(JSON.stringify(met));
  socket.terminate();
});
