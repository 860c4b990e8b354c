#pragma once
// Which control stream each call belongs to, and what becomes of calls whose
// stream is gone. Pure.
//
// A call belongs to the stream that last sent a command for it. When that
// stream breaks, the call is an orphan: its events go to every stream that is
// left (whoever knows the call may take it over), and only when nobody has
// taken it within the grace and its remotes have been silent for as long, or
// it has been an orphan for far too long, is it given up: established calls
// are never ended because a control connection was.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace zvon::media {

class CallOwners {
 public:
  using SessionId = uint64_t;  // 0 = nobody.
  struct Options {
    absl::Duration grace = absl::Seconds(60);
    absl::Duration orphan_max = absl::Hours(1);
  };
  explicit CallOwners(Options options) : options_(options) {}

  void Claim(const std::string& call_id, SessionId session, absl::Time now);
  void OnSessionClosed(SessionId session, absl::Time now);
  // 0 for orphans and for calls that are not known.
  SessionId OwnerOf(const std::string& call_id) const;

  // What is alive, from the workers: calls that are not are forgotten, those
  // never claimed become orphans. Gives the calls to be deleted.
  struct Alive {
    std::string call_id;
    absl::Time last_received;  // InfinitePast for never.
  };
  std::vector<std::string> Sweep(const std::vector<Alive>& alive, absl::Time now);

  size_t orphans() const;
  size_t size() const { return owners_.size(); }

 private:
  struct Owner {
    SessionId session = 0;
    absl::Time since;  // Claimed, or orphaned.
  };
  Options options_;
  absl::flat_hash_map<std::string, Owner> owners_;
};

}  // namespace zvon::media
