#pragma once
// Snapshots as text: fields of any bytes, each "<length>:<bytes>,", after a
// word that names the kind and version. Total on reading.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/signaling/sip/grammar.h"

namespace zvon::sip {

class FieldWriter {
 public:
  // `kind`: "dialog1"; another version is another word.
  explicit FieldWriter(std::string_view kind) { Add(kind); }
  FieldWriter& Add(std::string_view field) {
    text_ += std::to_string(field.size());
    text_ += ':';
    text_ += field;
    text_ += ',';
    return *this;
  }
  FieldWriter& Add(uint64_t number) { return Add(std::string_view(std::to_string(number))); }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

// Reads in the order of writing. After any fault every read gives empty or 0
// and `ok` is false.
class FieldReader {
 public:
  FieldReader(std::string_view kind, std::string_view text) : text_(text) {
    if (Text() != kind) ok_ = false;
  }
  std::string_view Text() {
    const size_t colon = text_.find(':');
    const auto size =
        ok_ && colon <= 10 ? ParseNumber<uint32_t>(text_.substr(0, colon)) : std::nullopt;
    if (!size || text_.size() - colon - 1 <= *size || text_[colon + 1 + *size] != ',') {
      ok_ = false;
      return {};
    }
    const std::string_view field = text_.substr(colon + 1, *size);
    text_.remove_prefix(colon + *size + 2);
    return field;
  }
  uint64_t Number(uint64_t max = UINT64_MAX) {
    const auto number = ParseNumber<uint64_t>(Text());
    if (!number || *number > max) ok_ = false;
    return ok_ ? *number : 0;
  }
  bool at_end() const { return text_.empty(); }
  bool ok() const { return ok_; }

 private:
  std::string_view text_;
  bool ok_ = true;
};

}  // namespace zvon::sip
