// What each page does: it asks for what it needs, calls the API, and says in words how it ended.

import {
  account,
  call,
  email,
  fail,
  field,
  form,
  fragment,
  link,
  make,
  newPassword,
  password,
  personName,
  plain,
  post,
  Problem,
  query,
  show,
  text,
  token,
  userCode,
} from "./parts.js";

// ---- Who somebody is: a password or a provider, and a second factor where there is one. Then `next` goes on.

async function signIn(title, why, next) {
  const { items } = await call("GET", "/sign-in/providers");
  const byPassword = form([email(), password("password", "Password")], "Sign in", async (given) =>
    arrived(await post("/sign-in", given), next),
  );
  const others = [
    ...(canUsePasskeys() ? [plain("Use a passkey", () => passkeyAlone(next))] : []),
    ...items.map((one) => plain(`Sign in with ${one.title}`, () => depart(one.name))),
  ];
  const help = text(link("/reset", "Forgotten your password?"), " · ", link("/sign-up", "Sign up"));
  const more = others.length ? [make("h2", {}, "Or another way"), ...others] : [];
  show(title, ...(why ? [text(why)] : []), byPassword, ...more, help);
}

async function depart(provider) {
  const { location: elsewhere } = await post(`/sign-in/providers/${provider}`);
  location.assign(elsewhere);
}

async function passkeyAlone(next) {
  const { public_key: options } = await post("/sign-in/passkey/options");
  await post("/sign-in/passkey", { assertion: await ask(options) });
  await next();
}

async function arrived(answer, next) {
  if (answer.status !== "second-factor") return next();
  const challenge = { challenge: answer.challenge };
  return prove(answer.factors, {
    title: "Your second factor",
    options: () => post("/sign-in/second-factor/passkey/options", challenge),
    finish: (proof) => post("/sign-in/second-factor", { ...challenge, ...proof }),
    next,
  });
}

function prove(factors, { title, options, finish, next }) {
  const done = async (proof) => {
    await finish(proof);
    await next();
  };
  const code = { autocomplete: "one-time-code", class: "code", spellcheck: "false", maxlength: 60 };
  const digits = field("code", "Code of your app", { ...code, inputmode: "numeric" });
  const recovery = field("recovery", "Recovery code", { ...code, hint: "Each works once." });
  const byApp = form([digits], "Go on", (given) => done({ method: "totp", code: given.code.replaceAll(" ", "") }));
  const byRecovery = form([recovery], "Go on", (given) => done({ method: "recovery", code: given.recovery.trim() }));
  const byPasskey = plain("Use a passkey", async () => {
    const { public_key: asked } = await options();
    await done({ method: "passkey", assertion: await ask(asked) });
  });
  const instead = plain("Use a recovery code instead", () => show(title, byRecovery));
  show(title, ...(factors.includes("passkey") ? [byPasskey] : []), ...(factors.includes("totp") ? [byApp] : []), instead);
}

const canUsePasskeys = () => Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);

async function ask(options) {
  try {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    return (await navigator.credentials.get({ publicKey })).toJSON();
  } catch {
    throw new Problem({ detail: "No passkey was used.", hint: "Try again, or choose another way." });
  }
}

// Something dangerous: whoever is signed in proves it again, and then it is done.
async function stepUp(next) {
  const known = await account();
  if (!known) return signIn("Sign in", "", next);
  const title = "Prove that it is you";
  if (known.factors.length) {
    return prove(known.factors.slice(0, 1), {
      title,
      options: () => post("/account/step-up/passkey/options"),
      finish: (proof) => post("/account/step-up/factor", proof),
      next,
    });
  }
  if (!known.has_password) {
    await post("/sign-out");
    return signIn(title, "Sign in again as you did: that is a proof.", next);
  }
  const proof = form([password("password", "Password")], "Go on", async (given) => {
    await post("/account/step-up", given);
    await next();
  });
  return show(title, proof);
}

// Runs it; where nobody is signed in, or the proof is too old, asks for that first.
async function authorised(why, action) {
  try {
    await action();
  } catch (problem) {
    const again = () => authorised(why, action);
    if (problem.status === 401) await signIn("Sign in", why, again);
    else if (problem.code === "step-up-needed") await stepUp(again);
    else throw problem;
  }
}

// ---- The pages

const inTerminal = () => text("Go on in a terminal: ", make("code", {}, "surefoot login"));
const unusable = (...more) =>
  show("This link is not whole", text("Open it from the mail again, or copy all of it."), ...more);

async function signedIn() {
  const known = await account();
  const out = plain("Sign out", async () => {
    await post("/sign-out");
    show("You are signed out", text(link("/sign-in", "Sign in again")));
  });
  show("You are signed in", text(`As ${known.email}.`), inTerminal(), out);
}

const mailed = (address, words) => show("Look at your mail", text(words.replace("{}", address)));

const pages = {
  async "sign-in"() {
    if (await account()) return signedIn();
    return signIn("Sign in", "", signedIn);
  },

  async "sign-up"() {
    const asked = form([email()], "Send me a link", async (given) => {
      await post("/sign-up", given);
      mailed(given.email, "A link is on its way to {}. It works for 24 hours.");
    });
    show("Sign up", text("A mail with a link proves that the address is yours."), asked);
  },

  async verify() {
    if (!token) return unusable(text(link("/sign-up", "Ask for a new link")));
    const made = form([personName(), newPassword()], "Make my account", async (given) => {
      await post("/sign-up/complete", { token, ...given });
      show("Your account is ready", text("You are signed in."), inTerminal());
    });
    show("Make your account", made);
  },

  async reset() {
    if (!token) {
      const asked = form([email()], "Send me a link", async (given) => {
        await post("/password/reset", given);
        mailed(given.email, "If {} has an account, a link is on its way. It works for 30 minutes.");
      });
      return show("Reset your password", asked);
    }
    const made = form([newPassword()], "Set the password", async (given) => {
      await post("/password/reset/complete", { token, ...given });
      const tokens = "If somebody else may have known the old one: look at your API tokens, and revoke some.";
      show("Your password is set", text("Every session has ended."), text(tokens), text(link("/sign-in", "Sign in")));
    });
    const kept = "Every session ends. Second factors and API tokens stay.";
    return show("Set a new password", text(kept), made);
  },

  async email() {
    if (!token) return unusable();
    const confirm = async () => {
      await post("/account/email/confirm", { token });
      show("Your address is confirmed", text("Sign in with it from now on."));
    };
    const made = form([], "Confirm", () => authorised("Then your new address is confirmed.", confirm));
    return show("Confirm your new address", made);
  },

  async invitation() {
    if (!token) return unusable();
    const [asked, known] = await Promise.all([post("/invitations/read", { token }), account()]);
    const what = text(`${asked.inviter} invites ${asked.email} to ${asked.workspace}, as ${asked.role}.`);
    const joined = (name) => show(`You are a member of ${name}`, inTerminal());
    const accept = async () => joined((await post("/invitations/accept", { token })).name);
    if (known) {
      const made = form([], "Accept", accept);
      return show("Your invitation", what, text(`You are signed in as ${known.email}.`), made);
    }
    const made = form([personName(), newPassword()], "Make my account and accept", async (given) =>
      joined((await post("/invitations/sign-up", { token, ...given })).name),
    );
    const other = plain("I have an account", () => signIn("Sign in", "", accept));
    return show("Your invitation", what, other, make("h2", {}, "Or make an account"), made);
  },

  async setup() {
    if (!token) return show("This link is not whole", text("Copy all of what the server printed when it started."));
    const workspace = field("workspace", "Name of the first workspace", { maxlength: 100, autocomplete: "organization" });
    const made = form([email(), personName(), newPassword(), workspace], "Set it up", async (given) => {
      await post("/setup", { token, ...given });
      show(`${given.workspace} is ready`, text("You are its owner, and signed in."), inTerminal());
    });
    show("Set Surefoot up", text("You become the owner of this installation."), made);
  },

  async "signed-in-with"() {
    const provider = location.pathname.split("/").pop();
    const [failed, again] = ["You are not signed in", text(link("/sign-in", "Sign in"))];
    if (!query.has("code")) {
      return fail(new Problem({ detail: "The provider did not sign you in, or you said no there." }), failed, again);
    }
    const given = { code: query.get("code"), state: query.get("state") ?? "" };
    const answer = query.has("iss") ? { ...given, iss: query.get("iss") } : given;
    try {
      if (given.state.startsWith("link.")) {
        const made = await post("/account/identities/complete", { provider, ...answer });
        return show(`${made.title} is linked`, text("You can sign in with it from now on."));
      }
      return await arrived(await post(`/sign-in/providers/${provider}/complete`, answer), goOn);
    } catch (problem) {
      return fail(problem, failed, again);
    }
  },

  async device() {
    const typed = form([userCode(fragment.get("code") ?? "")], "Look at it", ({ code }) => {
      sessionStorage.setItem("device", code);
      return authorised("Then you can approve the device.", () => decide(code.trim()));
    });
    show("Approve a device", text("Approve only what you have begun yourself, just now."), typed);
  },
};

// Back from a provider: to the device that waited, if one did.
async function goOn() {
  const code = sessionStorage.getItem("device");
  if (code) return location.assign(`/device#code=${encodeURIComponent(code)}`);
  return signedIn();
}

async function decide(code) {
  const path = `/device/${encodeURIComponent(code)}`;
  const waiting = await call("GET", path);
  sessionStorage.removeItem("device");
  const rows = [
    ["Code", make("code", {}, waiting.user_code)],
    ["Program", waiting.client],
    ["Asked from", waiting.address],
    ["May then", waiting.scopes.join(", ")],
  ];
  const facts = make("dl", {}, ...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  const end = (verb, said) => () =>
    authorised("", async () => {
      await post(`${path}/${verb}`);
      show(said, text("You can close this page."));
    });
  const compare = text("Is it the program that you started, and the same code?");
  const approve = form([], "Approve", end("approve", "The device is approved"));
  show("Approve this device?", facts, compare, approve, plain("Deny", end("deny", "The device gets nothing")));
}

pages[document.querySelector("main").dataset.page]().catch((problem) => {
  if (!(problem instanceof Problem)) throw problem;
  fail(problem);
});
