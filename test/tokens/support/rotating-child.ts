// Rotates the keys of the settings in the environment again and again, until it is killed. Says `rotated` each time.
import { createAllauth, type Config } from 'allauth-kit';

const settings = JSON.parse(process.env['CHILD_SETTINGS'] ?? '{}') as Config;
const { kit } = await createAllauth(settings);
for (;;) {
  const { rotated } = await kit.plugins.HEADLESS_TOKEN_STRATEGY.rotateKey({ immediately: true });
  process.stdout.write(rotated ? 'rotated\n' : 'refused\n');
}
