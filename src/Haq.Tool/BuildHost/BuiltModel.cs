using Haq.Engine.Diagnostics;
using Haq.Engine.Files;

namespace Haq.Tool.BuildHost;

/// <summary>What building one manifest gave.</summary>
/// <param name="Models">The quantized model and files that it cannot be loaded without, absolute.</param>
/// <param name="Reports">Files about it, absolute.</param>
/// <param name="Inputs">Every file and folder that was read or looked for, absolute, as it was then.</param>
/// <param name="Warnings">In the order they were given.</param>
/// <param name="Summary">The gain in one line.</param>
internal sealed record BuiltModel(
    IReadOnlyList<string> Models, IReadOnlyList<string> Reports, IReadOnlyDictionary<string, FileRecord> Inputs, IReadOnlyList<Diagnostic> Warnings, string Summary);
