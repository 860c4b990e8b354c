#pragma once

namespace zvon {

// A TCP and UDP port of 127.0.0.1 that was free a moment ago. Another process
// may take it first: servers started on it are tried again on another one.
int FreePort();

}  // namespace zvon
