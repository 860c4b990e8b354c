export { InteractionsPage } from './interactions-page';
