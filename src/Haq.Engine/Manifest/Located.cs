using Haq.Engine.Diagnostics;

namespace Haq.Engine.Manifest;

/// <summary>A value of the manifest and where it is written, for errors that only a later stage can find.</summary>
public readonly record struct Located<T>(T Value, SourceLocation At);
