#pragma once
// In-band DTMF by spandsp.

#include <memory>

#include "services/media/ports/digit_detector.h"

namespace zvon::media {

std::unique_ptr<DigitDetector> MakeSpandspDetector();

}  // namespace zvon::media
