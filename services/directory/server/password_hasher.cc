#include "services/directory/server/password_hasher.h"

#include <sodium.h>

#include "services/common/check/check.h"

namespace zvon::directory {

// Holds one of the places while it lives.
class PasswordHasher::Turn {
 public:
  explicit Turn(PasswordHasher& hasher) : hasher_(hasher) {
    std::unique_lock<std::mutex> lock(hasher_.mutex_);
    if (hasher_.waiting_ >= hasher_.options_.waiting_max) return;
    ++hasher_.waiting_;
    hasher_.freed_.wait(lock, [this] { return hasher_.running_ < hasher_.options_.at_once_max; });
    --hasher_.waiting_;
    ++hasher_.running_;
    taken_ = true;
  }
  ~Turn() {
    if (!taken_) return;
    std::lock_guard<std::mutex> lock(hasher_.mutex_);
    --hasher_.running_;
    hasher_.freed_.notify_one();
  }
  bool taken() const { return taken_; }

 private:
  PasswordHasher& hasher_;
  bool taken_ = false;
};

PasswordHasher::PasswordHasher(Options options) : options_(options) {
  ZVON_CHECK(sodium_init() >= 0);
  auto nobody = Hash("nobody has this password");
  ZVON_CHECK(nobody.ok());
  nobody_hash_ = *nobody;
}

absl::StatusOr<std::string> PasswordHasher::Hash(const std::string& password) {
  Turn turn(*this);
  if (!turn.taken()) return absl::ResourceExhaustedError("too many passwords are being checked");
  char text[crypto_pwhash_STRBYTES];
  if (crypto_pwhash_str(text, password.data(), password.size(), options_.operations,
                        options_.memory_bytes) != 0) {
    return absl::ResourceExhaustedError("no memory to hash a password");
  }
  return std::string(text);
}

absl::StatusOr<bool> PasswordHasher::Matches(const std::string& hash, const std::string& password) {
  Turn turn(*this);
  if (!turn.taken()) return absl::ResourceExhaustedError("too many passwords are being checked");
  const std::string& known = hash.empty() ? nobody_hash_ : hash;
  const bool equal = crypto_pwhash_str_verify(known.c_str(), password.data(), password.size()) == 0;
  return equal && !hash.empty();
}

}  // namespace zvon::directory
