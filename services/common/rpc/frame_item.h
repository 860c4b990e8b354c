#pragma once
// The type of one item of a frame `message Frame { repeated Item items = 1; }`.

#include <type_traits>
#include <utility>

namespace zvon::internal {

template <class Frame>
struct FrameItem {
  using type = std::decay_t<decltype(std::declval<const Frame&>().items(0))>;
};

// Most items in one frame: keeps a frame far below gRPC's limit of message
// size, and one frame's handling a short turn.
inline constexpr int kFrameItemsMax = 1000;

}  // namespace zvon::internal
