#pragma once
// Structs to bytes and back in protobuf's wire format, described once:
//
//   template <class A> void Describe(A& a, Party& p) { a(1, p.number); a(2, p.display_name); }
//   std::string bytes = ToBytes(party);   bool ok = FromBytes(bytes, &party);
//
// Zeros and empty values are left out and unknown fields skipped, so that replicas
// of neighbouring versions read each other's snapshots. Field numbers are never
// given a new meaning.

#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace zvon::signaling {

class ArchiveWriter;
class ArchiveReader;

namespace internal {
template <class T>
struct IsList : std::false_type {};
template <class T>
struct IsList<std::vector<T>> : std::true_type {};
template <class T>
struct IsList<std::deque<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class K, class V>
struct IsMap<std::map<K, V>> : std::true_type {};
}  // namespace internal

class ArchiveWriter {
 public:
  template <class T>
  void operator()(int field, T& value) {
    if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
      if (static_cast<int64_t>(value) != 0)
        Varint(field, static_cast<uint64_t>(static_cast<int64_t>(value)));
    } else if constexpr (std::is_same_v<T, std::string>) {
      if (!value.empty()) Bytes(field, value);
    } else if constexpr (std::is_same_v<T, absl::Time>) {
      Fixed(field, value == absl::InfinitePast()     ? INT64_MIN
                   : value == absl::InfiniteFuture() ? INT64_MAX
                                                     : absl::ToUnixNanos(value));
    } else if constexpr (std::is_same_v<T, absl::Duration>) {
      if (value != absl::ZeroDuration()) Fixed(field, absl::ToInt64Nanoseconds(value));
    } else if constexpr (internal::IsList<T>::value) {
      for (auto& element : value) Element(field, element);
    } else if constexpr (internal::IsMap<T>::value) {
      for (auto& [key, element] : value) {
        ArchiveWriter nested;
        auto key_copy = key;
        nested(1, key_copy);
        nested(2, element);
        Bytes(field, nested.bytes_);
      }
    } else {
      Element(field, value);
    }
  }
  std::string Take() { return std::move(bytes_); }

 private:
  template <class T>
  void Element(int field, T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      Bytes(field, value);
    } else {
      ArchiveWriter nested;
      Describe(nested, value);
      Bytes(field, nested.bytes_);
    }
  }
  void Raw(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
    bytes_.push_back(static_cast<char>(value));
  }
  void Varint(int field, uint64_t value) {
    Raw(static_cast<uint64_t>(field) << 3);
    Raw(value);
  }
  void Fixed(int field, int64_t value) {
    Raw((static_cast<uint64_t>(field) << 3) | 1);
    char raw[8];
    std::memcpy(raw, &value, 8);
    bytes_.append(raw, 8);
  }
  void Bytes(int field, std::string_view value) {
    Raw((static_cast<uint64_t>(field) << 3) | 2);
    Raw(value.size());
    bytes_.append(value);
  }
  std::string bytes_;
};

// Total: any bytes give values or `ok() == false`.
class ArchiveReader {
 public:
  explicit ArchiveReader(std::string_view bytes) { Split(bytes); }
  bool ok() const { return ok_; }

  template <class T>
  void operator()(int field, T& value) {
    // What the writer leaves out is zero, whatever the struct's own default.
    if constexpr (std::is_enum_v<T> || std::is_integral_v<T> || std::is_same_v<T, std::string> ||
                  std::is_same_v<T, absl::Duration> || internal::IsList<T>::value ||
                  internal::IsMap<T>::value) {
      value = T{};
    }
    for (const Field& f : fields_) {
      if (f.number == field) Read(f, value);
    }
  }

 private:
  struct Field {
    int number = 0;
    int wire = 0;
    uint64_t integer = 0;
    std::string_view bytes;
  };

  template <class T>
  void Read(const Field& f, T& value) {
    if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
      if (f.wire != 0) return Fail();
      value = static_cast<T>(static_cast<int64_t>(f.integer));
    } else if constexpr (std::is_same_v<T, std::string>) {
      if (f.wire != 2) return Fail();
      value = std::string(f.bytes);
    } else if constexpr (std::is_same_v<T, absl::Time>) {
      if (f.wire != 1) return Fail();
      const auto nanos = static_cast<int64_t>(f.integer);
      value = nanos == INT64_MIN   ? absl::InfinitePast()
              : nanos == INT64_MAX ? absl::InfiniteFuture()
                                   : absl::FromUnixNanos(nanos);
    } else if constexpr (std::is_same_v<T, absl::Duration>) {
      if (f.wire != 1) return Fail();
      value = absl::Nanoseconds(static_cast<int64_t>(f.integer));
    } else if constexpr (internal::IsList<T>::value) {
      if (f.wire != 2) return Fail();
      value.emplace_back();
      if constexpr (std::is_same_v<typename T::value_type, std::string>) {
        value.back() = std::string(f.bytes);
      } else {
        Nested(f, value.back());
      }
    } else if constexpr (internal::IsMap<T>::value) {
      if (f.wire != 2) return Fail();
      ArchiveReader nested(f.bytes);
      typename T::key_type key{};
      typename T::mapped_type element{};
      nested(1, key);
      nested(2, element);
      ok_ = ok_ && nested.ok();
      value[std::move(key)] = std::move(element);
    } else {
      if (f.wire != 2) return Fail();
      Nested(f, value);
    }
  }
  template <class T>
  void Nested(const Field& f, T& value) {
    ArchiveReader nested(f.bytes);
    Describe(nested, value);
    ok_ = ok_ && nested.ok();
  }
  void Fail() { ok_ = false; }
  bool Varint(std::string_view& in, uint64_t* out) {
    *out = 0;
    for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(in.front());
      in.remove_prefix(1);
      *out |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return true;
    }
    return false;
  }
  void Split(std::string_view in) {
    while (!in.empty()) {
      uint64_t tag = 0;
      if (!Varint(in, &tag)) return Fail();
      Field f;
      f.number = static_cast<int>(tag >> 3);
      f.wire = static_cast<int>(tag & 7);
      if (f.wire == 0) {
        if (!Varint(in, &f.integer)) return Fail();
      } else if (f.wire == 1) {
        if (in.size() < 8) return Fail();
        std::memcpy(&f.integer, in.data(), 8);
        in.remove_prefix(8);
      } else if (f.wire == 2) {
        uint64_t size = 0;
        if (!Varint(in, &size) || size > in.size()) return Fail();
        f.bytes = in.substr(0, size);
        in.remove_prefix(size);
      } else {
        return Fail();
      }
      fields_.push_back(f);
    }
  }

  std::vector<Field> fields_;
  bool ok_ = true;
};

template <class T>
std::string ToBytes(const T& value) {
  ArchiveWriter writer;
  Describe(writer, const_cast<T&>(value));  // A writer changes nothing.
  return writer.Take();
}
template <class T>
bool FromBytes(std::string_view bytes, T* value) {
  ArchiveReader reader(bytes);
  Describe(reader, *value);
  return reader.ok();
}

}  // namespace zvon::signaling
