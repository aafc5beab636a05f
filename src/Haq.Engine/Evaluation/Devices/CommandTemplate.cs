using Haq.Engine.Diagnostics;

namespace Haq.Engine.Evaluation.Devices;

/// <summary>A command line of the system's shell with <c>{}</c> where something is put in.</summary>
public sealed class CommandTemplate
{
    /// <summary>Where the path or the command goes.</summary>
    public const string Place = "{}";

    // A command that takes a command: adb shell {}, ssh board {}, sh -c {}.
    private static readonly string[] s_shells = ["shell", "-c", "exec"];

    private CommandTemplate(string text) => Text = text;

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>What is put in is a command line, which another machine or shell runs, and not the path of a file.</summary>
    public bool TakesCommand
    {
        get
        {
            string[] words = Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return words.Length > 1 && words[^1] == Place && (s_shells.Contains(words[^2]) || Path.GetFileNameWithoutExtension(words[0]) is "ssh");
        }
    }

    /// <summary>Reads a template.</summary>
    /// <param name="text">The command line.</param>
    /// <param name="where">What errors name: an option, or a key.</param>
    /// <param name="at">Where it stands, where that is a file.</param>
    /// <exception cref="HaqException">It has no place (HAQ0236).</exception>
    public static CommandTemplate Parse(string text, string where, SourceLocation? at = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Contains(Place, StringComparison.Ordinal)) return new CommandTemplate(text.Trim());
        throw DiagnosticCatalog.DeviceCommandWrong.Error(at, $"'{where} {text}' has no {Place}, where the path of a model goes. Write it as {where} '{text.Trim()} {Place}'.");
    }

    /// <summary>The command line for a model file: <c>{}</c> is its path, <c>{name}</c> its name without <c>.onnx</c>, <c>{file}</c> its name, <c>{folder}</c> where it lies.</summary>
    public string For(string path) => Text
        .Replace(Place, Quoted(path), StringComparison.Ordinal)
        .Replace("{name}", Quoted(Path.GetFileNameWithoutExtension(path)), StringComparison.Ordinal)
        .Replace("{file}", Quoted(Path.GetFileName(path)), StringComparison.Ordinal)
        .Replace("{folder}", Quoted(Path.GetDirectoryName(Path.GetFullPath(path)) ?? "."), StringComparison.Ordinal);

    /// <summary>The command line that has another shell run <paramref name="command"/>.</summary>
    public string Running(string command) => Text.Replace(Place, Quoted(command), StringComparison.Ordinal);

    /// <summary>One word for the system's shell.</summary>
    public static string Quoted(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string plain = OperatingSystem.IsWindows() ? "/\\._-:+@" : "/._-:+@";
        if (text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || plain.Contains(c, StringComparison.Ordinal))) return text;
        return OperatingSystem.IsWindows() ? $"\"{text.Replace("\"", "\\\"", StringComparison.Ordinal)}\"" : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}
