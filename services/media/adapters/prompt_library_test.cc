#include "services/media/adapters/prompt_library.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "services/common/audio/g711.h"
#include "services/common/audio/wav.h"
#include "services/media/adapters/temp_folder.h"

namespace zvon::media {
namespace {

namespace fs = std::filesystem;

void WriteWav(const std::string& path, size_t samples, int16_t value) {
  std::string bytes = MakeWavHeader(8000, 1, static_cast<int64_t>(samples));
  const std::vector<int16_t> pcm(samples, value);
  bytes.append(reinterpret_cast<const char*>(pcm.data()), pcm.size() * 2);
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

TEST_CASE("prompts are found by folder and name, encoded for both codecs", "[prompts]") {
  TempFolder folder;
  WriteWav(folder.path() + "/hello.wav", 80, 1000);
  WriteWav(folder.path() + "/digits/1.wav", 40, 1000);
  const PromptLibrary library({{"ru", folder.path()}});
  const auto hello = library.Find("ru/hello");
  REQUIRE(hello.ok());
  CHECK((*hello)->a_law == std::vector<uint8_t>(80, LinearToALaw(1000)));
  CHECK((*hello)->mu_law == std::vector<uint8_t>(80, LinearToMuLaw(1000)));
  CHECK(library.Find("ru/digits/1").ok());
}

TEST_CASE("what is missing or broken says so by name", "[prompts]") {
  TempFolder folder;
  std::ofstream(folder.path() + "/called.wav") << "ID3 this is an MP3";
  std::ofstream(folder.path() + "/empty.wav");
  const PromptLibrary library({{"ru", folder.path()}, {"gone", folder.path() + "/none"}});
  struct Row {
    const char* name;
    const char* message;
  };
  for (const Row& row : {Row{"ru/none", "no prompt 'ru/none'"},
                         {"de/x", "no prompt folder 'de'"},
                         {"gone/x", "no prompt 'gone/x'"},
                         {"ru/called", "no usable WAV"},
                         {"ru/empty", "no usable WAV"},
                         {"ru/../../etc/passwd", "no prompt"}}) {
    const auto prompt = library.Find(row.name);
    REQUIRE_FALSE(prompt.ok());
    CHECK_THAT(std::string(prompt.status().message()), Catch::Contains(row.message));
  }
}

TEST_CASE("changed files are read again, broken changes leave the old prompt", "[prompts]") {
  TempFolder folder;
  const std::string path = folder.path() + "/hello.wav";
  WriteWav(path, 80, 1000);
  PromptLibrary library({{"ru", folder.path()}});
  WriteWav(path, 160, 1000);
  WriteWav(folder.path() + "/new.wav", 10, 1);
  library.Refresh();
  CHECK((*library.Find("ru/hello"))->a_law.size() == 160);
  CHECK(library.Find("ru/new").ok());
  std::ofstream(path) << "nonsense";
  library.Refresh();
  CHECK((*library.Find("ru/hello"))->a_law.size() == 160);
  fs::remove(path);
  library.Refresh();
  CHECK_FALSE(library.Find("ru/hello").ok());
}

TEST_CASE("prompt folders have the form NAME=FOLDER", "[prompts]") {
  CHECK(ParsePromptFolders({"ru=/a", "en=/b=c"})->at(1).path == "/b=c");
  for (const char* wrong : {"ru", "=x", "ru="}) CHECK_FALSE(ParsePromptFolders({wrong}).ok());
}

}  // namespace zvon::media
