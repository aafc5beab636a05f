using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

namespace Haq.Build.Protocol;

/// <summary>
/// What the engine built last and from what: written by the engine, read by the task, which starts no engine while it holds.
/// A text file; fields are separated by tabs.
/// </summary>
internal sealed class BuildState
{
    private const string Header = "haq-state 1";

    /// <summary>The request's <see cref="BuildRequest.ToolKey"/>.</summary>
    public string ToolKey { get; set; } = "";

    /// <summary>Every file and folder that was read or looked for, absolute, as it was.</summary>
    public Dictionary<string, FileStamp> Inputs { get; } = new Dictionary<string, FileStamp>(StringComparer.Ordinal);

    /// <summary>What was written.</summary>
    public List<BuildOutput> Outputs { get; } = new List<BuildOutput>();

    /// <summary>The warnings, in MSBuild's canonical form, to be given again while nothing changes.</summary>
    public List<string> Warnings { get; } = new List<string>();

    /// <summary>Why this result cannot be kept, or null where it can.</summary>
    public string? WhyStale(string toolKey, IEnumerable<string> manifests)
    {
        if (ToolKey != toolKey) return "the engine or its options changed";
        foreach (string manifest in manifests)
            if (!Inputs.ContainsKey(manifest)) return "'" + manifest + "' is new";
        foreach (var input in Inputs)
            if (!FileStamp.Of(input.Key).Equals(input.Value)) return "'" + input.Key + "' changed";
        foreach (var output in Outputs)
            if (!File.Exists(output.Path)) return "'" + output.Path + "' is missing";
        var asked = new HashSet<string>(manifests, StringComparer.Ordinal);
        foreach (var output in Outputs)
            if (!asked.Contains(output.Manifest)) return "'" + output.Manifest + "' is no longer built";
        return null;
    }

    /// <summary>The file's text.</summary>
    public string Write()
    {
        var text = new StringBuilder(Header).Append('\n');
        Line("key", ToolKey);
        foreach (var input in Inputs)
            Line("input", input.Value.Size.ToString(CultureInfo.InvariantCulture), input.Value.Mark.ToString(CultureInfo.InvariantCulture), input.Key);
        foreach (var output in Outputs) Line("output", output.Kind, output.Target, output.Path, output.Manifest);
        foreach (string warning in Warnings) Line("warning", warning);
        return text.ToString();

        void Line(params string[] fields)
        {
            for (int i = 0; i < fields.Length; i++) text.Append(i == 0 ? "" : "\t").Append(Escape(fields[i]));
            text.Append('\n');
        }
    }

    /// <summary>Reads a state file; null where there is none of this version.</summary>
    public static BuildState? Read(string path)
    {
        try
        {
            string[] lines = File.ReadAllLines(path);
            if (lines.Length == 0 || lines[0] != Header) return null;
            var state = new BuildState();
            for (int i = 1; i < lines.Length; i++) state.Add(lines[i].Split('\t'));
            return state;
        }
        catch (Exception e) when (e is IOException || e is UnauthorizedAccessException || e is FormatException || e is IndexOutOfRangeException)
        {
            // No result, or a damaged one, which is the same: the engine makes it anew.
            return null;
        }
    }

    private void Add(string[] fields)
    {
        switch (fields[0])
        {
            case "key":
                ToolKey = Unescape(fields[1]);
                break;
            case "input":
                Inputs[Unescape(fields[3])] = new FileStamp(long.Parse(fields[1], CultureInfo.InvariantCulture), long.Parse(fields[2], CultureInfo.InvariantCulture));
                break;
            case "output":
                Outputs.Add(new BuildOutput(fields[1], Unescape(fields[2]), Unescape(fields[3]), Unescape(fields[4])));
                break;
            case "warning":
                Warnings.Add(Unescape(fields[1]));
                break;
            default:
                throw new FormatException(fields[0]);
        }
    }

    // File names may hold a tab or a line break; '%' marks those and itself.
    private static string Escape(string value) => value.Replace("%", "%25").Replace("\t", "%09").Replace("\n", "%0A").Replace("\r", "%0D");

    private static string Unescape(string value) => value.Replace("%0D", "\r").Replace("%0A", "\n").Replace("%09", "\t").Replace("%25", "%");
}
