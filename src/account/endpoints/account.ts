import { endpoint } from '../../http/area.ts';
import { deleteAccount } from '../flows/deletion.ts';
import { exportAccount } from '../flows/export.ts';

/** All that is stored on the user, as one JSON text; needs a recent authentication. Not in django-allauth. */
export const accountExport = endpoint({
  route: 'GET /account/export',
  access: 'user',
  async handle(request) {
    const body = await exportAccount(request);
    const headers = { 'Content-Disposition': 'attachment; filename="account.json"' };
    return { status: 200, content: { type: 'application/json', headers, body } };
  },
});

/** Deletes the user's own account; needs a recent authentication. The reply names what is kept. Not in django-allauth. */
export const accountDelete = endpoint({
  route: 'DELETE /account',
  access: 'user',
  rateLimit: 'account',
  async handle(request) {
    const kept = await deleteAccount(request);
    return { status: 200, data: { kept }, meta: { is_authenticated: false } };
  },
});
