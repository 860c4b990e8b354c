#pragma once
// RecordingService.PutSegment.

#include <memory>
#include <string>

#include "services/common/rpc/rpc_server.h"
#include "services/media/adapters/segment_uploader.h"

namespace zvon::media {

// Sends over one channel; each upload has a minute.
SegmentSender MakeRecordingClient(const std::string& address, const TlsSettings& tls);

}  // namespace zvon::media
