// Jobs: follow one to its end, and list the tenant's.

import * as api from "./api.js";
import { el, problemBox, say } from "./dom.js";

const ENDED = ["succeeded", "failed", "cancelled"];
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** An element that moves with the job and becomes its answer. */
export async function follow(job, show) {
  const bar = el("progress", { max: "1", value: String(job.progress || 0), "aria-label": "Progress of the job" });
  const state = el("span", {}, job.status);
  const cancel = el("button", { type: "button", onclick: () => api.remove(`/api/v1/jobs/${job.job_id}`) }, "Cancel");
  const view = el("div", { class: "job" }, el("p", {}, "Job ", el("code", {}, job.job_id), " ", state), bar, cancel);
  watch(job.job_id, bar, state).then(async (seen) => {
    cancel.remove();
    if (seen.status === "succeeded") view.append(show({ json: await api.get(`/api/v1/jobs/${seen.job_id}/result`) }));
    else if (seen.status === "failed") view.append(problemBox(new api.Problem(seen.problem.status, seen.problem)));
    say(`The job ${seen.status}.`);
  }).catch((problem) => view.append(problemBox(problem)));
  return view;
}

async function watch(id, bar, state) {
  for (let wait = 250; ; wait = Math.min(wait * 1.4, 3000)) {
    const seen = await api.get(`/api/v1/jobs/${id}`);
    bar.value = seen.status === "succeeded" ? 1 : seen.progress || 0;
    state.textContent = seen.status;
    if (ENDED.includes(seen.status)) return seen;
    await pause(wait);
  }
}

export async function jobsView() {
  const { jobs } = await api.get("/api/v1/jobs");
  const rows = jobs.map((job) => el("tr", {},
    el("td", {}, el("code", {}, job.job_id)), el("td", {}, job.route || ""), el("td", {}, job.status),
    el("td", {}, el("progress", { max: "1", value: String(job.progress || 0), "aria-label": `Progress of ${job.job_id}` })),
    el("td", {}, job.submitted_at || ""),
    el("td", {}, ENDED.includes(job.status) ? "" : el("button", {
      type: "button",
      onclick: async (event) => {
        event.currentTarget.disabled = true;
        await api.remove(`/api/v1/jobs/${job.job_id}`);
        say("Cancelled.");
      },
    }, "Cancel"))));
  const heads = ["job", "route", "status", "progress", "submitted", "action"];
  return [el("h2", { id: "jobs-title" }, "Jobs"),
    rows.length ? el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Jobs" }, el("table", {},
      el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, rows)))
      : el("p", {}, "No jobs yet. A route's page has “Run as a job”.")];
}
