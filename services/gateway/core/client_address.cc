#include "services/gateway/core/client_address.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstring>
#include <optional>

namespace zvon::gateway {
namespace {

// IPv4 as IPv4-mapped IPv6, so that there is one kind.
using Bytes = std::array<unsigned char, 16>;
constexpr int kMappedBits = 96;

struct Parsed {
  Bytes bytes{};
  bool v4 = false;
};

std::optional<Parsed> ParseAddress(std::string_view text) {
  std::string copy(text);
  Parsed parsed;
  if (inet_pton(AF_INET6, copy.c_str(), parsed.bytes.data()) == 1) return parsed;
  in_addr v4{};
  if (inet_pton(AF_INET, copy.c_str(), &v4) != 1) return std::nullopt;
  parsed.bytes[10] = parsed.bytes[11] = 0xff;
  std::memcpy(parsed.bytes.data() + 12, &v4, 4);
  parsed.v4 = true;
  return parsed;
}

bool SamePrefix(const Bytes& a, const Bytes& b, int bits) {
  for (int i = 0; i < bits; ++i) {
    if (((a[i / 8] ^ b[i / 8]) >> (7 - i % 8)) & 1) return false;
  }
  return true;
}

bool InNetwork(const Bytes& address, std::string_view network) {
  size_t slash = network.find('/');
  std::optional<Parsed> base = ParseAddress(network.substr(0, slash));
  if (!base) return false;
  int bits = base->v4 ? 32 : 128;
  if (slash != std::string_view::npos) {
    std::string_view text = network.substr(slash + 1);
    int wanted = -1;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), wanted);
    if (error != std::errc() || end != text.data() + text.size() || wanted < 0 || wanted > bits) {
      return false;
    }
    bits = wanted;
  }
  return SamePrefix(address, base->bytes, base->v4 ? bits + kMappedBits : bits);
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool InNetworks(std::string_view address, const std::vector<std::string>& networks) {
  std::optional<Parsed> parsed = ParseAddress(address);
  if (!parsed) return false;
  for (const std::string& network : networks) {
    if (InNetwork(parsed->bytes, network)) return true;
  }
  return false;
}

std::string ClientAddress(const std::string& peer, std::string_view forwarded_for,
                          const std::vector<std::string>& trusted_proxies) {
  std::string client = peer;
  while (!forwarded_for.empty() && InNetworks(client, trusted_proxies)) {
    size_t comma = forwarded_for.rfind(',');
    std::string_view last =
        Trim(comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1));
    if (!ParseAddress(last)) break;
    client = std::string(last);
    forwarded_for = comma == std::string_view::npos ? "" : forwarded_for.substr(0, comma);
  }
  return client;
}

}  // namespace zvon::gateway
