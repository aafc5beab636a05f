using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Haq.Engine.Files;

namespace Haq.Build.Protocol;

/// <summary>
/// What the engine built last and from what: written by the engine, read by the task, which starts no engine while it holds.
/// A text file; fields are separated by tabs.
/// </summary>
internal sealed class BuildState
{
    private const string Header = "haq-state 2";

    /// <summary>The request's <see cref="BuildRequest.ToolKey"/>.</summary>
    public string ToolKey { get; set; } = "";

    /// <summary>Every file and folder that was read or looked for, absolute, as it was.</summary>
    public Dictionary<string, FileRecord> Inputs { get; } = new Dictionary<string, FileRecord>(StringComparer.Ordinal);

    /// <summary>What was written.</summary>
    public List<BuildOutput> Outputs { get; } = new List<BuildOutput>();

    /// <summary>The warnings, in MSBuild's canonical form, to be given again while nothing changes.</summary>
    public List<string> Warnings { get; } = new List<string>();

    /// <summary>Looking again settled a doubt: written down, the next build need not read the same content again.</summary>
    public bool IsRenewed { get; private set; }

    /// <summary>Why this result cannot be kept, or null where it can.</summary>
    /// <param name="toolKey">The request's.</param>
    /// <param name="manifests">The request's.</param>
    /// <param name="nowUtc">The time before this call.</param>
    public string? WhyStale(string toolKey, IEnumerable<string> manifests, DateTime nowUtc)
    {
        if (ToolKey != toolKey) return "the engine or its options changed";
        var asked = new HashSet<string>(manifests, StringComparer.Ordinal);
        foreach (string manifest in asked)
            if (!Inputs.ContainsKey(manifest)) return "'" + manifest + "' is new";
        foreach (string path in Inputs.Keys.ToArray())
        {
            if (!(Inputs[path].IfUntouched(path, nowUtc) is { } now)) return "'" + path + "' changed";
            IsRenewed |= now != Inputs[path];
            Inputs[path] = now;
        }
        for (int i = 0; i < Outputs.Count; i++)
        {
            var output = Outputs[i];
            if (!File.Exists(output.Path)) return "'" + output.Path + "' is missing";
            if (!asked.Contains(output.Manifest)) return "'" + output.Manifest + "' is no longer built";
            if (!(output.Content.IfSame(output.Path, nowUtc) is { } now)) return "'" + output.Path + "' is not what was built";
            IsRenewed |= now != output.Content;
            Outputs[i] = output.With(now);
        }
        return null;
    }

    /// <summary>The file's text.</summary>
    public string Write()
    {
        var text = new StringBuilder(Header).Append('\n');
        Line(new[] { "key", ToolKey });
        foreach (var input in Inputs)
            Line(new[] { "input" }.Concat(Fields(input.Value)).Concat(new[] { input.Key }));
        foreach (var output in Outputs)
            Line(new[] { "output" }.Concat(Fields(output.Content)).Concat(new[] { output.Kind, output.Target, output.Path, output.Manifest }));
        foreach (string warning in Warnings) Line(new[] { "warning", warning });
        return text.ToString();

        void Line(IEnumerable<string> fields) => text.Append(string.Join("\t", fields.Select(Escape))).Append('\n');
    }

    /// <summary>Reads a state file; null where there is none of this version.</summary>
    public static BuildState? Read(string path)
    {
        try
        {
            return Parse(File.ReadAllLines(path));
        }
        catch (Exception e) when (e is IOException || e is UnauthorizedAccessException)
        {
            // No result, or none that can be read, which is the same: the engine makes it anew.
            return null;
        }
    }

    /// <summary>Reads the lines of <see cref="Write"/>; null where they are damaged or of another version.</summary>
    public static BuildState? Parse(IReadOnlyList<string> lines)
    {
        if (lines.Count == 0 || lines[0] != Header) return null;
        var state = new BuildState();
        return lines.Skip(1).All(line => state.TryAdd(line.Split('\t'))) ? state : null;
    }

    private bool TryAdd(string[] fields)
    {
        switch (fields[0])
        {
            case "key" when fields.Length == 2:
                ToolKey = Unescape(fields[1]);
                return true;
            case "input" when fields.Length == 6 && Record(fields) is { } record && IsPath(Unescape(fields[5])):
                Inputs[Unescape(fields[5])] = record;
                return true;
            case "output" when fields.Length == 9 && Record(fields) is { } record && IsPath(Unescape(fields[7])):
                Outputs.Add(new BuildOutput(Unescape(fields[5]), Unescape(fields[6]), Unescape(fields[7]), Unescape(fields[8]), record));
                return true;
            case "warning" when fields.Length == 2:
                Warnings.Add(Unescape(fields[1]));
                return true;
            default:
                return false;
        }
    }

    // What the file functions of every framework take; others they answer with an exception of its own.
    private static bool IsPath(string path) => path.Length > 0 && path.IndexOf('\0') < 0;

    private static string[] Fields(FileRecord record) => new[]
    {
        record.Stamp.Size.ToString(CultureInfo.InvariantCulture), record.Stamp.Mark.ToString(CultureInfo.InvariantCulture), record.IsFresh ? "fresh" : "old", record.Digest,
    };

    private static FileRecord? Record(string[] fields)
    {
        bool areNumbers = TryNumber(fields[1], out long size) & TryNumber(fields[2], out long mark);
        return areNumbers && (fields[3] == "fresh" || fields[3] == "old") ? new FileRecord(new FileStamp(size, mark), fields[3] == "fresh", Unescape(fields[4])) : null;
    }

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    // File names may hold a tab or a line break; '%' marks those and itself.
    private static string Escape(string value) => value.Replace("%", "%25").Replace("\t", "%09").Replace("\n", "%0A").Replace("\r", "%0D");

    private static string Unescape(string value) => value.Replace("%0D", "\r").Replace("%0A", "\n").Replace("%09", "\t").Replace("%25", "%");
}
