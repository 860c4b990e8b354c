import '@mantine/core/styles.css';
import './app/app.css';
import { MantineProvider } from '@mantine/core';
import { createRoot } from 'react-dom/client';
import { App } from './app/app';
import { colorSchemeManager, theme } from './app/theme';
import { startI18n } from './i18n/i18n';
import { api } from './lib/api';

const i18n = startI18n(localStorage, navigator.languages);
api.language = i18n.language;
i18n.on('languageChanged', (language) => {
  api.language = language;
});

const root = document.getElementById('root');
if (!root) throw new Error('index.html without #root');
createRoot(root).render(
  <MantineProvider theme={theme} defaultColorScheme="auto" colorSchemeManager={colorSchemeManager}>
    <App />
  </MantineProvider>,
);
