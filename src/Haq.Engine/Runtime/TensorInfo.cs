using System.Collections.Immutable;

namespace Haq.Engine.Runtime;

/// <summary>Name, element type and shape of a session's input or output; an extent of -1 may change from run to run.</summary>
public sealed record TensorInfo(string Name, DataType Type, ImmutableArray<long> Shape);
