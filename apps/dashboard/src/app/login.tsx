import { useSignal } from '@preact/signals';
import { KeyRound } from 'lucide';
import { ApiError } from '../api/fetch-json.js';
import { logIn } from '../data/session.js';
import { Button } from '../design/index.js';
import './login.css';

/** Requests a token before any data of the run is shown. */
export function Login() {
  const token = useSignal('');
  const refusal = useSignal('');
  const busy = useSignal(false);
  const submit = async (): Promise<void> => {
    busy.value = true;
    refusal.value = '';
    await logIn(token.value.trim()).catch((error: unknown) => {
      refusal.value = ApiError.from(error).message;
    });
    busy.value = false;
  };
  return (
    <main class="login">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <h1>Lockstep</h1>
        <p class="soft">Access to this run requires a token.</p>
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          required
          autofocus
          value={token}
          aria-invalid={refusal.value !== ''}
          aria-describedby="refusal"
          onInput={(event) => (token.value = event.currentTarget.value)}
        />
        <p id="refusal" class="refusal" role="alert">
          {refusal}
        </p>
        <Button kind="primary" icon={KeyRound} type="submit" busy={busy.value}>
          Log in
        </Button>
      </form>
    </main>
  );
}
