#pragma once
// The hosts file (hosts(5)): names that need no DNS.

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/signaling/sip/flow.h"

namespace zvon::sip {

class HostsFile {
 public:
  // Lines that are not understood are skipped.
  static HostsFile Read(std::string_view text);
  // The file's text, or an empty table where it cannot be read.
  static HostsFile Load(const std::string& path);
  // Addresses with port 0 in the file's order; "localhost" is always known.
  std::vector<SocketAddress> Find(std::string_view name) const;

 private:
  absl::flat_hash_map<std::string, std::vector<SocketAddress>> by_name_;
};

}  // namespace zvon::sip
