#include "services/media/core/source_lock.h"

namespace zvon::media {

void SourceLock::Expect(const SocketAddress& signalled) {
  if (signalled == signalled_) return;
  signalled_ = signalled;
  locked_ = false;
}

bool SourceLock::MayLearn(const SocketAddress& source) const {
  return source.SameHost(signalled_) || IsPrivate(signalled_);
}

bool SourceLock::Accept(const SocketAddress& source, absl::Time now) {
  if (signalled_.port == 0) return false;
  if (locked_) {
    if (source == source_) return true;
    if (source != signalled_ || now - locked_at_ > kLearningWindow) return false;
  } else if (!MayLearn(source)) {
    return false;
  }
  locked_ = true;
  locked_at_ = now;
  source_ = source;
  return true;
}

}  // namespace zvon::media
