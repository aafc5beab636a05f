using System.CommandLine;
using Haq.Engine.Manifest;
using Haq.Engine.Search;

namespace Haq.Tool.Commands;

/// <summary><c>haq schema</c></summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var schema = new Command("schema",
            "Print the JSON Schema (draft-07) of haq.yaml, for completion in editors: 'haq schema > haq.schema.json', and as the manifest's first line "
            + "'# yaml-language-server: $schema=haq.schema.json'.");
        schema.SetAction(_ => Console.Out.Write(ManifestSchema.ToJson(Strategies.Names)));
        return schema;
    }
}
