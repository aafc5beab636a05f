using Haq.Engine.Pipeline.Converting;

namespace Haq.Tool.Output;

/// <summary>What a conversion changed, a row a tensor, and what that does to the outputs.</summary>
internal static class ConversionText
{
    public static void Print(ConversionResult result, string from, string to)
    {
        var profile = result.Conformance.Profile;
        Console.WriteLine($"{from} for {profile.Name} ({profile.Title}; read for {profile.Version})");
        if (!result.Grids.IsEmpty)
        {
            var table = Tables.New("tensor", "of", "was", "is", "effect");
            table.Columns[2].NoWrap = table.Columns[3].NoWrap = false;
            foreach (var grid in result.Grids)
                table.AddText(grid.Tensor, Role(grid.Role, grid.Node), grid.Before ?? "real", grid.After ?? "real", Word(grid.Effect));
            table.Print();
        }
        Console.WriteLine($"{result.Kept + result.Grids.Length} grids: {result.Kept} as they were, {result.Count(GridEffect.Exact)} the same reals written in another way, {result.Count(GridEffect.Moved)} moved, "
            + $"{result.Count(GridEffect.Added)} added, {result.Count(GridEffect.Removed)} removed.");
        string on = $"on {result.Samples} {(result.Samples == 1 ? "sample" : "samples")} of {result.Data}, in stock ONNX Runtime sessions";
        foreach (var output in result.Outputs) Console.WriteLine($"output '{output.Output}': {Difference(output)} {on}");
        if (result.Widened is { } widened)
        {
            Console.WriteLine("On this processor ONNX Runtime's default kernels for int8 weights saturate. With session.x64quantprecision set to 1 they do not:");
            foreach (var output in widened) Console.WriteLine($"output '{output.Output}': {Difference(output)}");
        }
        Console.WriteLine($"wrote {to}; {(result.Conformance.Passes ? $"'haq check --target {profile.Name}' passes" : "some nodes stay on the host")}");
    }

    /// <summary>An effect in a word.</summary>
    public static string Word(GridEffect effect) => effect switch { GridEffect.Exact => "exact", GridEffect.Moved => "moved", GridEffect.Added => "added", _ => "removed" };

    /// <summary>A role in a word.</summary>
    public static string Word(GridRole role) => role switch { GridRole.Activation => "activation", GridRole.Weights => "weights", GridRole.Bias => "bias", _ => "constant" };

    private static string Difference(OutputAgreement output) => output.IsExact ? "the same to the bit"
        : string.Create(Tables.Culture, $"at most {output.MaxAbsolute:G4} apart, cosine {output.Cosine:F6}");

    private static string Role(GridRole role, string node) => role == GridRole.Activation ? "activation" : $"{Word(role)} of {node}";
}
