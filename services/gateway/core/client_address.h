#pragma once
// Whose request it is, behind proxies.

#include <string>
#include <string_view>
#include <vector>

namespace zvon::gateway {

// True where `address` lies in one of the networks: "10.0.0.0/8",
// "2001:db8::/32", or a single address. What is neither matches nothing.
bool InNetworks(std::string_view address, const std::vector<std::string>& networks);

// The peer itself; where that is a trusted proxy, the last address of
// X-Forwarded-For that is not one. What stands before it could be forged.
std::string ClientAddress(const std::string& peer, std::string_view forwarded_for,
                          const std::vector<std::string>& trusted_proxies);

}  // namespace zvon::gateway
