
namespace sluice {
} // namespace sluice
