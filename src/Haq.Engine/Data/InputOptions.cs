using System.Collections.Immutable;
using Haq.Engine.Diagnostics;

namespace Haq.Engine.Data;

/// <summary>What the manifest says about one of the model's inputs.</summary>
/// <param name="Name">The input.</param>
/// <param name="Shape">Its shape with the batch, where the graph leaves it open; or null.</param>
/// <param name="Array">The array of an .npz that feeds it; or null.</param>
/// <param name="At">Where that is written.</param>
public sealed record InputOptions(string Name, ImmutableArray<int>? Shape, string? Array, SourceLocation At);
