#include "services/media/core/player.h"

#include <catch2/catch.hpp>
#include <map>

namespace zvon::media {
namespace {

class Prompts final : public PromptSource {
 public:
  Prompts() {
    for (const auto& [name, size] : std::map<std::string, size_t>{{"a", 100}, {"b", 250}}) {
      auto prompt = std::make_shared<Prompt>();
      prompt->a_law.assign(size, static_cast<uint8_t>(name[0]));
      prompt->mu_law.assign(size, static_cast<uint8_t>(name[0] - 'a' + 'A'));
      prompts_[name] = prompt;
    }
  }
  absl::StatusOr<PromptPtr> Find(const std::string& name) const override {
    const auto it = prompts_.find(name);
    if (it == prompts_.end()) return absl::NotFoundError("no prompt '" + name + "'");
    return it->second;
  }

 private:
  std::map<std::string, PromptPtr> prompts_;
};

PlayItem PromptItem(const std::string& name) { return {PlayItem::Kind::kPrompt, name, 0, {}}; }
PlayItem SilenceItem(absl::Duration d) { return {PlayItem::Kind::kSilence, "", 0, d}; }
PlayItem ToneItem(int hz, absl::Duration d) { return {PlayItem::Kind::kTone, "", hz, d}; }

std::vector<uint8_t> All(Player& player, G711Law law, size_t frame = 160) {
  std::vector<uint8_t> all;
  std::vector<uint8_t> out(frame);
  for (int i = 0; i < 1000; ++i) {
    const size_t filled = player.Fill(law, absl::MakeSpan(out));
    all.insert(all.end(), out.begin(), out.begin() + static_cast<int64_t>(filled));
    if (player.finished()) break;
  }
  return all;
}

Play Of(std::vector<PlayItem> items) { return {"leg", "play", std::move(items), false, false, {}}; }

}  // namespace

TEST_CASE("items follow each other without a sample between", "[player]") {
  auto player = Player::Make(Of({PromptItem("a"), PromptItem("b"), PromptItem("a")}), Prompts());
  REQUIRE(player.ok());
  std::vector<uint8_t> expected(100, 'a');
  expected.resize(350, 'b');
  expected.resize(450, 'a');
  CHECK(All(*player, G711Law::kALaw) == expected);
  CHECK(player->played() == absl::Microseconds(450 * 125));
}

TEST_CASE("the last packet is filled up with silence", "[player]") {
  auto player = Player::Make(Of({PromptItem("a")}), Prompts());
  std::vector<uint8_t> out(160);
  CHECK(player->Fill(G711Law::kMuLaw, absl::MakeSpan(out)) == 100);
  CHECK(out[99] == 'A');
  CHECK(out[100] == kSilenceMuLaw);
  CHECK(player->finished());
}

TEST_CASE("a loop goes round exactly", "[player]") {
  Play play = Of({PromptItem("a"), PromptItem("b")});
  play.loop = true;
  auto player = Player::Make(play, Prompts());
  std::vector<uint8_t> out(350 * 3);
  CHECK(player->Fill(G711Law::kALaw, absl::MakeSpan(out)) == out.size());
  CHECK_FALSE(player->finished());
  for (size_t i = 0; i < out.size(); ++i) CHECK(out[i] == (i % 350 < 100 ? 'a' : 'b'));
}

TEST_CASE("an offset resumes in the middle", "[player]") {
  Play play = Of({PromptItem("a"), PromptItem("b")});
  play.offset = absl::Microseconds(150 * 125);
  auto player = Player::Make(play, Prompts());
  CHECK(All(*player, G711Law::kALaw) == std::vector<uint8_t>(200, 'b'));
  CHECK(player->played() == absl::Microseconds(350 * 125));
  play.offset = absl::Hours(1);
  CHECK(Player::Make(play, Prompts())->finished());
  play.loop = true;
  CHECK_FALSE(Player::Make(play, Prompts())->finished());
}

TEST_CASE("tones sound at their frequency and length", "[player]") {
  auto player = Player::Make(
      Of({SilenceItem(absl::Milliseconds(100)), ToneItem(425, absl::Milliseconds(500))}),
      Prompts());
  const std::vector<uint8_t> all = All(*player, G711Law::kALaw);
  REQUIRE(all.size() == 4800);
  std::vector<int16_t> pcm(all.size());
  Decode(G711Law::kALaw, all, absl::MakeSpan(pcm));
  CHECK(MeanPower(absl::MakeSpan(pcm).first(800)) < 100);
  CHECK(ToneShare(absl::MakeSpan(pcm).subspan(800), 425, 8000) > 0.98);
}

TEST_CASE("what cannot be played is refused by name", "[player]") {
  struct Row {
    std::vector<PlayItem> items;
    const char* message;
  };
  const Row rows[] = {
      {{}, "nothing to play"},
      {{PromptItem("ru/none")}, "ru/none"},
      {{ToneItem(49, absl::Seconds(1))}, "49 Hz"},
      {{ToneItem(3801, absl::Seconds(1))}, "3801 Hz"},
      {{SilenceItem(absl::Seconds(-1))}, "not within"},
      {{SilenceItem(absl::Hours(2))}, "not within"},
  };
  for (const Row& row : rows) {
    const auto player = Player::Make(Of(row.items), Prompts());
    REQUIRE_FALSE(player.ok());
    CHECK_THAT(std::string(player.status().message()), Catch::Contains(row.message));
  }
}

}  // namespace zvon::media
