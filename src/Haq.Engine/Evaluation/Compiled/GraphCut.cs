using System.Collections.Immutable;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>A place between two nodes where a network can be taken apart.</summary>
/// <param name="Position">The number of nodes before it.</param>
/// <param name="Tensors">What nodes before it make and nodes after it read.</param>
internal sealed record GraphCut(int Position, ImmutableArray<string> Tensors);
