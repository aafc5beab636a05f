using Haq.Engine.Yaml;

namespace Haq.Engine.Data;

/// <summary>One file of a data set.</summary>
/// <param name="Input">The model's input that it feeds, or null when that is left to <see cref="InputOptions"/>, names and order.</param>
/// <param name="File">Where it is.</param>
public sealed record DataFile(string? Input, FileReference File);
