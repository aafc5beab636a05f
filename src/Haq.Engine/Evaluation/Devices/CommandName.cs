using System.Security.Cryptography;
using System.Text;

namespace Haq.Engine.Evaluation.Devices;

/// <summary>
/// What files that are committed or published say of a command: its program, or the host that it connects to, and a digest by which two commands are told apart. Options, variables, users and
/// paths stay out, as they may hold what nobody else is to read.
/// </summary>
public static class CommandName
{
    private const int Digits = 8;

    private const string Unnamed = "a command";

    /// <summary>The name and the beginning of the command's SHA-256.</summary>
    public static string Of(CommandTemplate command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return $"{Target(command)} (command {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(command.Text)))[..Digits]})";
    }

    /// <summary>The host without the user.</summary>
    public static string OfHost(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host[(host.LastIndexOf('@') + 1)..];
    }

    private static string Target(CommandTemplate command)
    {
        string[] words = command.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string program = words[0][(words[0].LastIndexOfAny(['/', '\\']) + 1)..];
        // A variable that is set for the command, or a path with blanks: where the program is, is the shell's to say.
        if (!IsName(program) || !words[0].All(c => IsPart(c) || c is '/' or '\\' or ':' or '~')) return Unnamed;
        if (!command.IsSsh || words.Length < 3 || words[^3].StartsWith('-')) return program;
        string host = OfHost(words[^2]);
        return IsName(host) ? $"{program} {host}" : program;
    }

    private static bool IsName(string word) => word.Length > 0 && word.All(IsPart) && word[0] != '-';

    private static bool IsPart(char c) => char.IsLetterOrDigit(c) || c is '.' or '_' or '-';
}
