package import Catalog
import Warehouse

/// The folders of an installation, all below one home.
package struct HomeFolder: Sendable {
  package let path: String

  package init(_ path: String) { self.path = path }

  package var inbox: String { path + "/inbox" }
  package var archive: String { path + "/archive" }
  package var warehouse: String { path + "/warehouse" }
  package var returns: String { path + "/returns" }
  /// What each night ended with, as text and as JSON.
  package var report: String { path + "/report" }
  /// The access log and the store of requests; private, made when first used.
  package var access: String { path + "/access" }
  /// What people made of the review and somebody has to take: patches of the definitions. Made when first used.
  package var review: String { path + "/review" }
  /// What leaves: one database for each tier below restricted.
  package var tiers: String { path + "/tiers" }
  /// Segments and temporary files; private, and empty between runs.
  package var work: String { path + "/work" }

  /// The database of a tier: `public.sqlite`.
  package func tierFile(_ tier: SharingTier) -> String { "\(tiers)/\(tier.rawValue).sqlite" }

  package func inbox(of system: String) -> String { inbox + "/" + system }

  /// Makes what is missing; the folders that hold personal data are for their owner only.
  package func prepare() throws(PipelineError) {
    for folder in [inbox, returns, report] { try make(folder, 0o750) }
    try make(tiers, 0o755)
    for folder in [archive, warehouse, work] { try make(folder, 0o700) }
  }

  /// Removes what a killed run left in the work folder, but for segments that can be resumed.
  package func cleanWork(keeping names: Set<String>) throws(PipelineError) {
    do {
      for name in try PosixFile.names(in: work) ?? [] where !names.contains(name) {
        try PosixFile.removeTree(work + "/" + name)
      }
    } catch {
      throw PipelineError(.environment, "cannot clean \(work)", underlying: error)
    }
  }

  private func make(_ folder: String, _ mode: UInt32) throws(PipelineError) {
    do {
      try PosixFile.makeFolder(folder, mode: mode)
    } catch {
      throw PipelineError(.environment, "cannot create the folder \(folder)", underlying: error)
    }
  }
}
