namespace Haq.Engine.Tests.Fuzz;

/// <summary>One reader of files.</summary>
/// <param name="Name">Its name, and that of its folder in the corpus.</param>
/// <param name="Seeds">Sound inputs.</param>
/// <param name="Read">Reads an input; the exceptions that it documents are an answer, any other is a fault.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Seeds, Action<byte[]> Read);
