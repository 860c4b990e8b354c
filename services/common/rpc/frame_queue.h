#pragma once
// Items waiting to be written, gathered into frames as they come.

#include <cstddef>
#include <deque>
#include <utility>

#include "services/common/rpc/frame_item.h"

namespace zvon::internal {

template <class Frame>
class FrameQueue {
 public:
  using Item = typename FrameItem<Frame>::type;

  void Push(Item item) {
    if (frames_.empty() || frames_.back().items_size() >= kFrameItemsMax) frames_.emplace_back();
    *frames_.back().add_items() = std::move(item);
    ++size_;
  }
  // Takes the oldest frame; not when empty.
  Frame Pop() {
    Frame frame = std::move(frames_.front());
    frames_.pop_front();
    size_ -= static_cast<size_t>(frame.items_size());
    return frame;
  }
  void Clear() {
    frames_.clear();
    size_ = 0;
  }
  bool empty() const { return frames_.empty(); }
  // Items, not frames.
  size_t size() const { return size_; }

 private:
  std::deque<Frame> frames_;
  size_t size_ = 0;
};

}  // namespace zvon::internal
