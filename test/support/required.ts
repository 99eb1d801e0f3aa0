/** Whether everything that tests need must be there: a test without it fails then, else it is skipped with the reason. Environment: CI. */
export const REQUIRED = !['', '0', 'false'].includes(process.env['CI'] ?? '');
