using System.Collections.Immutable;

namespace Haq.Engine.Onnx;

/// <summary>What a list of passes made of a model.</summary>
/// <param name="Model">The model after the last of them.</param>
/// <param name="Applied">Each pass in its order.</param>
public sealed record PassRun(OnnxModel Model, ImmutableArray<AppliedPass> Applied);
