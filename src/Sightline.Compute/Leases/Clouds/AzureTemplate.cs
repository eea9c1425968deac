using System.Globalization;
using System.Text;

namespace Sightline.Compute.Leases.Clouds;

/// <summary>The template of one machine with all it needs: firewall, network, address, interface, machine and disk, in one request.</summary>
/// <remarks>Azure Resource Manager templates, schema 2019-04-01; Microsoft.Compute/virtualMachines 2024-07-01, Microsoft.Network 2023-09-01.</remarks>
internal static class AzureTemplate
{
    /// <summary>Who logs in.</summary>
    public const string User = "sightline";

    private const string Network = "2023-09-01";

    /// <summary>The body of the deployment.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="image">publisher:offer:sku:version.</param>
    public static object Deployment(MachineRequest request, string image)
    {
        var parts = image.Split(':');
        return new
        {
            properties = new
            {
                mode = "Incremental",
                template = new Dictionary<string, object>
                {
                    ["$schema"] = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
                    ["contentVersion"] = "1.0.0.0",
                    // Secure: Azure keeps the value in no history.
                    ["parameters"] = new { customData = new { type = "secureString" } },
                    ["resources"] = new[]
                    {
                        Resource("Microsoft.Network/networkSecurityGroups", "nsg", Network, request, new
                        {
                            securityRules = new[] { new { name = "ssh", properties = new { priority = 100, direction = "Inbound", access = "Allow", protocol = "Tcp", sourceAddressPrefix = "*", sourcePortRange = "*", destinationAddressPrefix = "*", destinationPortRange = "22" } } },
                        }),
                        Resource("Microsoft.Network/virtualNetworks", "net", Network, request, new
                        {
                            addressSpace = new { addressPrefixes = new[] { "10.0.0.0/24" } },
                            subnets = new[] { new { name = "default", properties = new { addressPrefix = "10.0.0.0/24" } } },
                        }),
                        Resource("Microsoft.Network/publicIPAddresses", "ip", Network, request, new { publicIPAllocationMethod = "Static" }, more: ("sku", new { name = "Standard" })),
                        Resource("Microsoft.Network/networkInterfaces", "nic", Network, request, new
                        {
                            networkSecurityGroup = new { id = Id("networkSecurityGroups", "nsg") },
                            ipConfigurations = new[]
                            {
                                new { name = "ip", properties = new { subnet = new { id = "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 'default')]" }, publicIPAddress = new { id = Id("publicIPAddresses", "ip") } } },
                            },
                        }, depends: [Id("networkSecurityGroups", "nsg"), Id("virtualNetworks", "net"), Id("publicIPAddresses", "ip")]),
                        Resource("Microsoft.Compute/virtualMachines", "machine", "2024-07-01", request, Machine(request, parts), depends: [Id("networkInterfaces", "nic")]),
                    },
                },
                parameters = new { customData = new { value = Convert.ToBase64String(Encoding.UTF8.GetBytes(request.StartScript)) } },
            },
        };
    }

    private static Dictionary<string, object> Machine(MachineRequest request, string[] image)
    {
        var machine = new Dictionary<string, object>
        {
            ["hardwareProfile"] = new { vmSize = request.Offer.Instance },
            ["storageProfile"] = new
            {
                imageReference = new { publisher = image[0], offer = image[1], sku = image[2], version = image[3] },
                osDisk = new { createOption = "FromImage", deleteOption = "Delete", diskSizeGB = (int)Math.Ceiling(request.DiskGib) },
            },
            ["osProfile"] = new
            {
                computerName = "sightline",
                adminUsername = User,
                customData = "[parameters('customData')]",
                linuxConfiguration = new { disablePasswordAuthentication = true, ssh = new { publicKeys = new[] { new { path = $"/home/{User}/.ssh/authorized_keys", keyData = request.SshPublicKey } } } },
            },
            ["networkProfile"] = new { networkInterfaces = new[] { new { id = Id("networkInterfaces", "nic"), properties = new { deleteOption = "Delete" } } } },
            ["priority"] = request.Offer.IsSpot ? "Spot" : "Regular",
        };
        if (request.Offer.IsSpot)
        {
            machine["evictionPolicy"] = "Delete";
            machine["billingProfile"] = new { maxPrice = Math.Round(request.MaxPricePerHourUsd, 5) };
        }

        return machine;
    }

    private static Dictionary<string, object> Resource(string type, string name, string version, MachineRequest request, object properties, string[]? depends = null, (string Name, object Value)? more = null)
    {
        var resource = new Dictionary<string, object>
        {
            ["type"] = type,
            ["apiVersion"] = version,
            ["name"] = name,
            ["location"] = request.Offer.Region,
            ["tags"] = new Dictionary<string, string> { [AzureLeases.Tag] = request.LeaseId },
            ["properties"] = properties,
        };
        if (depends is not null)
        {
            resource["dependsOn"] = depends;
        }

        if (more is { } extra)
        {
            resource[extra.Name] = extra.Value;
        }

        return resource;
    }

    private static string Id(string type, string name) => string.Create(CultureInfo.InvariantCulture, $"[resourceId('Microsoft.Network/{type}', '{name}')]");
}
