// The chat page: sends a message, shows the reply as it is written, stops it. The server makes all HTML.
const chat = document.querySelector("[data-chat]");
const form = chat?.querySelector("form[data-chat-form]");
const list = chat?.querySelector("[data-chat-messages]");
const status = chat?.querySelector("[data-chat-status]");
const box = form?.querySelector("textarea");
const send = form?.querySelector("[data-chat-send]");
const stop = form?.querySelector("[data-chat-stop]");
let conversation = chat?.dataset.conversation || null;
let running = null;

async function call(method, path, body) {
  const answer = await fetch(`/api/v1/conversations${path}`, {
    method,
    headers: {
      "content-type": "application/json",
      "x-mercato-antiforgery": form.querySelector("input[name=__RequestVerificationToken]").value,
    },
    body: body && JSON.stringify(body),
  });
  if (answer.ok) {
    return answer.status === 204 ? null : answer.json();
  }
  const problem = await answer.json().catch(() => null);
  throw new Error(answer.status === 401 ? "You have been signed out. Sign in again; your words stay in the box."
    : problem?.detail ?? `The server answered ${answer.status}. Try again.`);
}

function clone(kind) {
  const item = chat.querySelector(`template[data-message="${kind}"]`).content.firstElementChild.cloneNode(true);
  list.append(item);
  return item;
}

function setRunning(reply) {
  running = reply;
  send.hidden = reply !== null;
  stop.hidden = reply === null;
  chat.toggleAttribute("data-running", reply !== null);
}

// The page follows the reply unless the reader has scrolled up.
function following(change) {
  const atEnd = innerHeight + scrollY > document.documentElement.scrollHeight - 120;
  change();
  if (atEnd) {
    scrollTo({ top: document.documentElement.scrollHeight });
  }
}

function showBlock(body, block) {
  let holder = body.children[block.index];
  while (!holder) {
    body.append(document.createElement("div"));
    holder = body.children[block.index];
  }
  holder.innerHTML = block.html;
}

function showCost(item, cost) {
  const line = item.querySelector("[data-cost]");
  line.hidden = false;
  line.querySelector("[data-cost-amount]").textContent = `$${cost.cost_usd}`;
  const link = line.querySelector("a");
  link.hidden = !cost.generation_id;
  link.href = `/calls/${cost.generation_id}`;
  for (const chip of document.querySelectorAll("[data-balance]")) {
    chip.textContent = `$${cents(cost.available_usd)}`;
  }
}

// Cut, not rounded, so that a balance never shows more than there is; on the text, because amounts are exact.
function cents(text) {
  const [whole, fraction = ""] = text.split(".");
  return `${whole}.${(fraction + "00").slice(0, 2)}`;
}

function showError(item, text) {
  const line = item.querySelector("[data-error]");
  line.hidden = false;
  line.textContent = text;
  status.textContent = text;
}

function read(item, message) {
  const body = item.querySelector("[data-body]");
  const events = new EventSource(`/api/v1/conversations/${conversation}/messages/${message}/stream`);
  const end = text => {
    events.close();
    item.removeAttribute("aria-busy");
    setRunning(null);
    status.textContent = text;
    box.focus({ preventScroll: true });
  };
  setRunning(message);
  item.setAttribute("aria-busy", "true");
  events.addEventListener("block", event => following(() => showBlock(body, JSON.parse(event.data))));
  events.addEventListener("cost", event => following(() => showCost(item, JSON.parse(event.data))));
  events.addEventListener("done", () => end("The reply is complete."));
  events.addEventListener("error", event => {
    if (event.data) {
      following(() => showError(item, JSON.parse(event.data).message));
      end("The reply broke off.");
    } else if (events.readyState === EventSource.CLOSED) {
      following(() => showError(item, "The connection was lost. Reload the page to see the reply."));
      end("The connection was lost.");
    }
  });
}

async function submit(event) {
  event.preventDefault();
  const text = box.value.trim();
  if (!text || running !== null) {
    return;
  }
  const model = form.elements.model.value;
  setRunning("");
  try {
    if (!conversation) {
      conversation = (await call("POST", "", { model })).data.id;
      history.replaceState(null, "", `/chat/${conversation}`);
    }
    const sent = await call("POST", `/${conversation}/messages`, { content: text, model });
    chat.querySelector("[data-chat-empty]")?.remove();
    clone("user").querySelector("[data-body]").textContent = text;
    box.value = "";
    const reply = clone("assistant");
    reply.querySelector("[data-model]").textContent = model;
    scrollTo({ top: document.documentElement.scrollHeight });
    status.textContent = "The reply is being written.";
    read(reply, sent.message_id);
  } catch (problem) {
    setRunning(null);
    status.textContent = problem.message;
  }
}

if (form) {
  form.addEventListener("submit", submit);
  box.addEventListener("keydown", event => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  stop.addEventListener("click", () => {
    if (running) {
      call("DELETE", `/${conversation}/messages/${running}/stream`).catch(problem => { status.textContent = problem.message; });
    }
  });
  const open = list.querySelector("[data-running-message]");
  if (open) {
    read(open, open.dataset.runningMessage);
  }
}
