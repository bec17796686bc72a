// Jobs: follow one to its end, and list the tenant's.

import * as api from "./api.js";
import { answerView } from "./answer.js";
import { badge, el, grid, moment, problemBox, say } from "./dom.js";

const ENDED = ["succeeded", "failed", "cancelled"];
const KINDS = { succeeded: "good", failed: "bad", cancelled: "soft" };
const LOOK_AGAIN = 3000;
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** An element that moves with the job and becomes its answer. */
export function follow(job, show, where) {
  const bar = el("progress", { max: "1", value: String(job.progress || 0), "aria-label": "Progress of the job" });
  const share = el("span", { class: "share" });
  const state = el("span", {}, badge(job.status));
  const cancel = el("button", {
    type: "button", onclick: () => api.remove(`/api/v1/jobs/${job.job_id}`).catch((problem) => view.append(problemBox(problem))),
  }, "Cancel");
  const view = el("div", { class: "job" },
    el("p", {}, "Job ", el("code", {}, job.job_id), " ", state),
    el("div", { class: "bar" }, bar, share, cancel));
  watch(job.job_id, (seen) => {
    bar.value = seen.status === "succeeded" ? 1 : seen.progress || 0;
    share.textContent = `${Math.round(100 * bar.value)} %`;
    state.replaceChildren(badge(seen.status, KINDS[seen.status]));
  }).then(async (seen) => {
    cancel.remove();
    if (seen.status === "succeeded") view.append(show(await api.result(seen.job_id)));
    else if (seen.status === "failed") view.append(problemBox(new api.Problem(seen.problem.status, seen.problem), where));
    say(seen.status === "cancelled" ? "The job was cancelled." : `The job ${seen.status}.`);
  }).catch((problem) => view.append(problemBox(problem)));
  return view;
}

async function watch(id, tell) {
  for (let wait = 250; ; wait = Math.min(wait * 1.4, LOOK_AGAIN)) {
    const seen = await api.get(`/api/v1/jobs/${id}`);
    tell(seen);
    if (ENDED.includes(seen.status)) return seen;
    await pause(wait);
  }
}

/** The list; it looks again by itself as long as it is seen and a job is under way. */
export async function jobsView() {
  const list = el("div");
  const opened = el("section", { "aria-label": "Result" });

  async function draw() {
    const { jobs } = await api.get("/api/v1/jobs");
    list.replaceChildren(jobs.length
      ? grid("Jobs", ["route", "status", "progress", "submitted", "job", "action"], jobs.map((job) => [
        job.endpoint,
        badge(job.status, KINDS[job.status]),
        el("progress", { max: "1", value: String(job.progress || 0), "aria-label": `Progress of ${job.job_id}` }),
        moment(job.submitted_at),
        el("code", {}, `${job.job_id.slice(0, 12)}…`),
        action(job),
      ]))
      : el("p", { class: "empty" }, "No jobs yet. A route's page has “Run as a job”."));
    return jobs.some((job) => !ENDED.includes(job.status));
  }

  function action(job) {
    if (job.status === "cancelled") return "";
    const isOver = ENDED.includes(job.status);
    return el("button", {
      type: "button",
      "aria-label": `${isOver ? "Open" : "Cancel"} ${job.endpoint} ${job.job_id}`,
      onclick: async (event) => {
        event.currentTarget.disabled = true;
        try {
          if (isOver) {
            opened.replaceChildren(el("h3", {}, job.endpoint), answerView({ name: job.endpoint }, null, await api.result(job.job_id)));
            event.target.disabled = false;
          } else {
            await api.remove(`/api/v1/jobs/${job.job_id}`);
            say("The job was cancelled.");
            await draw();
          }
        } catch (problem) {
          opened.replaceChildren(problemBox(problem));
          event.target.disabled = false;
        }
      },
    }, isOver ? "Open" : "Cancel");
  }

  let goesOn = await draw();
  (async () => {
    await pause(LOOK_AGAIN);
    while (goesOn && list.isConnected && list.checkVisibility()) {
      goesOn = await draw();
      await pause(LOOK_AGAIN);
    }
  })().catch((problem) => opened.replaceChildren(problemBox(problem)));
  return [el("h2", { id: "jobs-title" }, "Jobs"), list, opened];
}
