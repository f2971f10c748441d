/* Exchanges the code for tokens. It stands behind the address's #, which no browser sends and no server logs. */
window.addEventListener("DOMContentLoaded", () => {
  const part = (id) => document.getElementById(id);
  const code = window.location.hash.slice(1);
  if (!code) {
    part("said").textContent = "The code behind the # of this address is missing. Sign in again.";
    return;
  }
  window.history.replaceState(null, "", window.location.pathname);
  part("code").textContent = code;
  part("ready").hidden = false;
  part("exchange").addEventListener("submit", async (event) => {
    event.preventDefault();
    part("said").textContent = "";
    const username = part("username").value;
    try {
      const reply = await fetch("/auth/oidc/token", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(username ? { code, username } : { code }),
      });
      const answer = await reply.json();
      if (reply.ok) {
        part("ready").hidden = true;
        part("tokens").textContent = JSON.stringify(answer, null, 2);
      } else {
        part("choose").hidden = !["username_taken", "invalid_request"].includes(answer.code);
        part("said").textContent = [answer.detail, ...(answer.errors ?? []).map((fault) => fault.detail)].join(" ");
      }
    } catch {
      part("said").textContent = "The service did not respond. Try again.";
    }
  });
});
