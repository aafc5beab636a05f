namespace Haq.Tool.BuildHost;

/// <summary>Builds one manifest: the engine's pipeline, as the host sees it.</summary>
/// <param name="order">What to build and where to.</param>
/// <param name="progress">Told in a few words how far it is, as often as it likes.</param>
/// <param name="cancellation">Ends it within a second; what was found stays in the cache.</param>
internal delegate BuiltModel BuildModel(ModelOrder order, IProgress<string> progress, CancellationToken cancellation);
