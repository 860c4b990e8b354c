#include "services/signaling/resolver/hosts_file.h"

#include <fstream>
#include <iterator>
#include <sstream>

#include "services/signaling/sip/grammar.h"

namespace zvon::sip {

HostsFile HostsFile::Read(std::string_view text) {
  HostsFile out;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    std::istringstream words(std::string(line.substr(0, line.find('#'))));
    std::string address, name;
    words >> address;
    const auto parsed = SocketAddress::FromHost(address, 0);
    while (parsed && words >> name) out.by_name_[LowerCase(name)].push_back(*parsed);
  }
  return out;
}

HostsFile HostsFile::Load(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return Read(std::string(std::istreambuf_iterator<char>(in), {}));
}

std::vector<SocketAddress> HostsFile::Find(std::string_view name) const {
  const auto it = by_name_.find(LowerCase(name));
  if (it != by_name_.end()) return it->second;
  if (EqualsNoCase(name, "localhost")) return {SocketAddress::V4(0x7f000001, 0)};
  return {};
}

}  // namespace zvon::sip
