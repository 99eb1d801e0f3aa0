import type { User } from '../api/types.ts';
import { useTexts } from '../state/language.ts';

/** Whether a user is active, and whether staff. */
export function UserBadges({ user: { is_active, is_staff } }: { user: User }) {
  const t = useTexts();
  return (
    <span class="with-icon">
      <span class={`badge ${is_active ? 'active' : 'revoked'}`}>{is_active ? t.users.active : t.users.inactive}</span>
      {is_staff && <span class="badge own">{t.users.staff}</span>}
    </span>
  );
}
