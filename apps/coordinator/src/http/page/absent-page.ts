/** Why there is no dashboard to be seen. */
export type Absence = 'not-wanted' | 'not-built';

const reasons: Readonly<Record<Absence, { readonly title: string; readonly remedy: string }>> = {
  'not-wanted': {
    title: 'This coordinator serves no dashboard',
    remedy: 'It was started with <code>--no-dashboard</code>. Start it without to see one here.',
  },
  'not-built': {
    title: 'The dashboard is not built',
    remedy: 'Run <code>npm run build</code> in the folder of Lockstep, then load this page again.',
  },
};

/** What is shown in the dashboard's place: why, and where its numbers are to be had. */
export function absentPage(absence: Absence): string {
  const { title, remedy } = reasons[absence];
  const links = ['/api/run', '/api/workers', '/api/openapi.json', '/metrics'];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Lockstep</title>
<main>
<h1>${title}</h1>
<p>${remedy}</p>
<p>The run goes on all the same: see it by <code>lockstep status</code>, or at</p>
<ul>${links.map((link) => `<li><a href="${link}">${link}</a></li>`).join('')}</ul>
</main>
</html>
`;
}
