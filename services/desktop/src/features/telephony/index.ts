export function TelephonyPage() { return null; }
