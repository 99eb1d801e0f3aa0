import { ErrorBoundary, lazy, LocationProvider, Route, Router } from 'preact-iso';
import { useEffect } from 'preact/hooks';
import { BASE } from './api/client.ts';
import { SignIn } from './pages/sign-in.tsx';
import { Refused } from './pages/refused.tsx';
import { PageTitle } from './parts/page-title.tsx';
import { ProofDialog } from './parts/proof-dialog.tsx';
import { Shell } from './parts/shell.tsx';
import { Failed } from './parts/states.tsx';
import { Toasts } from './parts/toasts.tsx';
import { OfflineError } from './api/client.ts';
import { loadViewer, viewer } from './state/session.ts';
import { useTexts } from './state/language.ts';

const Overview = lazy(() => import('./pages/overview.tsx').then(({ Overview }) => Overview));
const Sessions = lazy(() => import('./pages/sessions.tsx').then(({ Sessions }) => Sessions));
const SessionPage = lazy(() => import('./pages/session.tsx').then(({ SessionPage }) => SessionPage));
const Users = lazy(() => import('./pages/users.tsx').then(({ Users }) => Users));
const UserPage = lazy(() => import('./pages/user.tsx').then(({ UserPage }) => UserPage));
const Audit = lazy(() => import('./pages/audit.tsx').then(({ Audit }) => Audit));
const SettingsPage = lazy(() => import('./pages/settings.tsx').then(({ SettingsPage }) => SettingsPage));
const Keys = lazy(() => import('./pages/keys.tsx').then(({ Keys }) => Keys));

/** The whole dashboard: what is shown depends on who is signed in. */
export function App() {
  useEffect(() => void loadViewer(), []);
  return (
    <>
      <Screen />
      <Toasts />
      <ProofDialog />
    </>
  );
}

function Screen() {
  const now = viewer.value;
  switch (now.kind) {
    case 'loading':
      return null;
    case 'unreachable':
      return (
        <main class="alone">
          <Failed error={new OfflineError()} retry={() => void loadViewer()} />
        </main>
      );
    case 'anonymous':
      return <SignIn why={now.why} flows={now.flows} />;
    case 'refused':
      return <Refused user={now.user} />;
    case 'staff':
      return (
        <LocationProvider scope={BASE}>
          <Shell user={now.user}>
            <ErrorBoundary>
              <Router>
                <Route path={BASE} component={Overview} />
                <Route path={`${BASE}sessions`} component={Sessions} />
                <Route path={`${BASE}sessions/:id`} component={SessionPage} />
                <Route path={`${BASE}users`} component={Users} />
                <Route path={`${BASE}users/:id`} component={UserPage} />
                <Route path={`${BASE}audit`} component={Audit} />
                <Route path={`${BASE}settings`} component={SettingsPage} />
                <Route path={`${BASE}keys`} component={Keys} />
                <Route default component={NotFound} />
              </Router>
            </ErrorBoundary>
          </Shell>
        </LocationProvider>
      );
  }
}

function NotFound() {
  const t = useTexts();
  return (
    <>
      <PageTitle title={t.states.notFound} />
      <p class="muted">{t.states.notFoundHint}</p>
      <a href={BASE}>{t.states.toOverview}</a>
    </>
  );
}
