#pragma once
// "The agent's gateway is the last judge of an offer": two routers that both
// believe they lead cannot make an agent see two offers, because the older
// token is refused here (reliability.md).

#include <cstdint>
#include <string>
#include <unordered_map>

namespace zvon::gateway {

struct OfferToken {
  int64_t epoch = 0;
  int64_t counter = 0;
  auto operator<=>(const OfferToken&) const = default;
};

class OfferGuard {
 public:
  // True: show it. False: an offer with a higher token was seen already.
  bool Accept(const std::string& agent_key, OfferToken token) {
    OfferToken& highest = highest_[agent_key];
    if (token < highest) return false;
    highest = token;
    return true;
  }
  void Forget(const std::string& agent_key) { highest_.erase(agent_key); }
  OfferToken Highest(const std::string& agent_key) const {
    auto it = highest_.find(agent_key);
    return it == highest_.end() ? OfferToken{} : it->second;
  }

 private:
  std::unordered_map<std::string, OfferToken> highest_;
};

}  // namespace zvon::gateway
