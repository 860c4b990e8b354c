#pragma once
// Settings of zvon-media.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/settings/settings.h"

namespace zvon::media {

struct MediaSettings {
  std::string listen = "0.0.0.0:9102";
  std::string rtp_address = "0.0.0.0";
  std::string rtp_advertised_address = "127.0.0.1";
  int64_t rtp_port_min = 20000;
  int64_t rtp_port_max = 29999;
  absl::Duration rtp_timeout = absl::Seconds(30);
  bool rtp_comfort_silence = false;
  int64_t workers = 0;
  int64_t endpoints_max = 5000;
  std::vector<std::string> prompts = {"ru=/usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU",
                                      "en=/usr/share/asterisk/sounds/en_US_f_Allison",
                                      "moh=/usr/share/asterisk/moh"};
  absl::Duration prompts_interval = absl::Seconds(10);
  absl::Duration control_grace = absl::Seconds(60);
  absl::Duration control_orphan_max = absl::Hours(1);
  std::string recording_address = "127.0.0.1:9106";
  absl::Duration recording_segment_length = absl::Seconds(60);
  std::string recording_spill_dir;
  int64_t recording_queue_megabytes = 256;
  TlsSettings tls;

  void BindTo(SettingsReader& reader);
};

}  // namespace zvon::media
